"""Privacy: pseudonyms, merged small functions, hidden small cells, and networks of groups.

A pseudonymised table of people is not anonymous: someone who knows a person's pattern of ties can recognise the person.
"""

from tienet.base.lazy import lazy_names
from tienet.network.privacy.floors import FLOOR as FLOOR
from tienet.network.privacy.merging import small_functions as small_functions
from tienet.network.privacy.pseudonyms_of_people import KEY_BYTES as KEY_BYTES

__getattr__, __dir__ = lazy_names(__name__)
