"""The bridge between a bot's conversations and its Telegram group: one process a bot, and the webhook.

It does what the group's actor (`actors/telegram`) asks for: one call of the Bot API at a time, orders of members as
the agents that they are, and files. It reads what to show from the journal. What it knows besides, it can learn again.
"""
