"""What `tanggap doctor` looks at: each file asks one part of the installation and says what it found."""
