"""Cannot be loaded: the server must say so, and where."""

raise RuntimeError("this module is broken on purpose")
