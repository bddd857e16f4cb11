"""What a practice offers: sites, clinics, sessions, and the slots made of them."""
