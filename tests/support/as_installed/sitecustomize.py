"""What Python imports first in each process that the tests start: what is for development is not there, as for users.

pandera and httpx load it where it is, which takes 0.3 s.
"""

import sys

sys.modules.update(dict.fromkeys(("hypothesis", "rich")))  # type: ignore[arg-type]  # Python's own way to have none
