"""Campaigns that invite to times of a clinic: how many times are free for whom, and what follows a yes."""
