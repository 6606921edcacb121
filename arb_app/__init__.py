"""What a person sees; the only code that knows Reflex."""
