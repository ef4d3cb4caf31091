"""Browser profiles that one test after the other uses.

A new profile costs half a second of both cores, and has to load and compile every script again. Between two tests
nothing stays of the one before but the cache: no page, no cookie, nothing stored. What a test wants otherwise than
usual (a phone's screen, a language) it gets in a profile of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

USUAL = {"width": 1440, "height": 900}
UNTOUCHED = "/native code/.test(setTimeout)"
"""A test's clock stays in its profile for good."""


@dataclass
class Profile:
    """A profile, and the page that keeps its window open."""

    context: BrowserContext
    window: Page
    usual: bool

    def store(self, key: str, value: str) -> None:
        """As if a page of the site had kept this."""
        self.window.evaluate("([key, value]) => localStorage.setItem(key, value)", [key, value])


@dataclass
class Profiles:
    """Lends profiles, and cleans them when they come back."""

    browser: Browser
    origins: tuple[str, ...]
    idle: list[Profile] = field(default_factory=list)

    def lend(self, watch: Callable[[Page], None], **options: Any) -> Profile:
        """A clean profile; `watch` hears of its pages."""
        profile = self._begin(options) if options or not self.idle else self.idle.pop()
        profile.context.on("page", watch)
        return profile

    def take_back(self, profile: Profile, watch: Callable[[Page], None]) -> None:
        """Ends its pages and forgets what they kept; ends it whole if it was not a usual one any more."""
        profile.context.remove_listener("page", watch)
        if not profile.usual or not profile.window.evaluate(UNTOUCHED):
            profile.context.close()
            return
        for page in profile.context.pages:
            if page != profile.window:
                page.close()
        profile.context.set_offline(False)
        profile.context.clear_cookies()
        session = profile.context.new_cdp_session(profile.window)
        for origin in self.origins:
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        session.detach()
        self.idle.append(profile)

    def _begin(self, options: dict[str, Any]) -> Profile:
        context = self.browser.new_context(**{"base_url": self.origins[0], "viewport": USUAL} | options)
        context.set_default_timeout(10_000)
        window = context.new_page()
        window.goto("/static/icon.svg")
        return Profile(context, window, usual=not options)
