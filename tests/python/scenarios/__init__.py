"""Complete weeks from files to marts, over invented people. See bank/ and expected/."""
