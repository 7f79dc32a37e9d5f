"""HTTP: the demo's page and phones, health; later the platforms' hooks, the web chat and the public pages."""
