"""Settlement: what every market pays in every way that an event can end."""
