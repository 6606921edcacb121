"""What rows hold sealed for members: it opens, or it is ours to mend and theirs to try again."""

import logging

from domain.errors import Unavailable
from store.keys import KeyMissing, KeyRing
from store.sealed import Place, SealBroken, unseal

log = logging.getLogger(__name__)


def unsealed(keys: KeyRing, place: Place, sealed: str) -> str:
    """Return the text that was sealed for `place`.

    Raises:
        Unavailable: It does not open. Where its key is gone or it was damaged, whoever asks can do
            nothing about that, and it is no wrong answer of theirs: the log says it to us.
    """
    try:
        return unseal(keys, place, sealed)
    except (KeyMissing, SealBroken) as e:
        where = f"{place.table}.{place.column}"
        log.error("not opened", extra={"column": where, "why": str(e)})  # noqa: TRY400  says it all
        raise Unavailable(f"what is sealed in {where} does not open") from e
