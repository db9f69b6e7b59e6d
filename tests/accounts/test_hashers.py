"""A sign-in is slow for who guesses and small for the web process."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher

from accounts.hashers import Argon2
from tests.conftest import PASSWORD


def test_a_hash_takes_little_memory_and_verifies() -> None:
    ours = Argon2()
    made = ours.encode(PASSWORD, ours.salt())
    assert made.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert ours.verify(PASSWORD, made)
    assert not ours.verify(PASSWORD + "!", made)


def test_a_hash_with_other_parameters_still_opens_and_is_made_anew() -> None:
    theirs = Argon2PasswordHasher()
    theirs.memory_cost, theirs.parallelism = 8 * 1024, 2
    made = theirs.encode(PASSWORD, theirs.salt())
    assert Argon2().verify(PASSWORD, made)
    assert Argon2().must_update(made)
