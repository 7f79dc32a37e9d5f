"""What `tanggap bench` measures: how fast a town is on this machine, and how many messages a complaint costs."""
