"""What staff have to do by hand in the practice's own appointment book."""
