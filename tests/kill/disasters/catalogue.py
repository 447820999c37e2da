"""All disasters, by their names."""

from tests.kill.disasters.beside import BESIDE
from tests.kill.disasters.disk import DISK
from tests.kill.disasters.files import FILES
from tests.kill.disasters.limits import LIMITS
from tests.kill.disasters.network import NETWORK
from tests.kill.disasters.output import OUTPUT
from tests.kill.disasters.processes import PROCESSES

ALL = {each.name: each for each in (*PROCESSES, *OUTPUT, *DISK, *FILES, *LIMITS, *NETWORK, *BESIDE)}
