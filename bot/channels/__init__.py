"""One file per channel, the only one that imports its library; all of them behind `base.Channel`."""
