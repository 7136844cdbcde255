"""psychoscales."""
