"""The NHS status wire: what dispensing systems post to NHS England about prescriptions, taken here as it is."""
