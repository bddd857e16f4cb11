"""What pharmacies tell people of their prescriptions, and what these answer."""
