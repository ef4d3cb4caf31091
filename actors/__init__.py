"""Live support's actors: conversations, agents and supervisors as pure machines, and the engines that answer."""
