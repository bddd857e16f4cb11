"""Who is placed where while a plan is made: what is free for whom, taken and given back. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

from bot.appointments.joint.choosing import need_of
from bot.appointments.packing.ground import Ground, Request, Starts, numbers_in
from bot.interpreters.suiting import Busy, Candidate, suit


@dataclass(frozen=True)
class Placed:
    """A request with the number of its start and the id of its interpreter."""

    request: Request
    number: int
    interpreter_id: int


class Placing:
    """A plan in the making: no clinician, interpreter or person in two places, nor an interpreter out of reach.

    :param pairs: by request and interpreter, the starts that suit, were nobody placed.
    """

    def __init__(self, ground: Ground, pairs: Mapping[int, Mapping[int, Starts]]) -> None:
        self.ground = ground
        self.placed: dict[int, Placed] = {}
        self._pairs = pairs
        self._at: dict[int, Placed] = {}
        self._taken: Starts = 0
        self._of_interpreter: dict[int, Starts] = {}
        self._of_person: dict[int, Starts] = {}
        self._gone: Starts = 0
        self._out_of_reach: dict[int, Starts] = {}

    def free_for(self, request: Request) -> dict[int, Starts]:
        """By interpreter, where this person could still be placed."""
        gone = self._gone | _all_of(self.ground.same_time, self._of_person.get(request.person, 0))
        free = {}
        for whose, starts in self._pairs[request.id].items():
            if left := starts & ~gone & ~self._out_of_reach.get(whose, 0):
                free[whose] = left
        return free

    def take(self, request: Request, number: int, interpreter_id: int) -> None:
        """Place somebody at a start that is free for them."""
        placed = Placed(request, number, interpreter_id)
        self.placed[request.id] = self._at[number] = placed
        self._put(placed)
        self._gone |= self.ground.same_clinician[number]
        self._out_of_reach[interpreter_id] = self._reach_of(interpreter_id)

    def give_back(self, placed: Placed) -> None:
        """Take somebody out again."""
        del self.placed[placed.request.id], self._at[placed.number]
        self._put(placed)
        beside = self.ground.same_clinician[placed.number]
        still = (1 << number for number in numbers_in(beside) if self.ground.same_clinician[number] & self._taken)
        self._gone = reduce(or_, still, self._gone & ~beside)
        self._out_of_reach[placed.interpreter_id] = self._reach_of(placed.interpreter_id)

    def _put(self, placed: Placed) -> None:
        bit, whose, person = 1 << placed.number, placed.interpreter_id, placed.request.person
        self._taken ^= bit
        self._of_interpreter[whose] = self._of_interpreter.get(whose, 0) ^ bit
        self._of_person[person] = self._of_person.get(person, 0) ^ bit

    def _reach_of(self, interpreter_id: int) -> Starts:
        return _all_of(self.ground.out_of_reach, self._of_interpreter[interpreter_id])

    def place(self, request: Request) -> bool:
        """Place somebody at the first start that is free for them, with the interpreter who suits best there."""
        free = self.free_for(request)
        if not free:
            return False
        number = next(numbers_in(reduce(or_, free.values())))
        who = [whose for whose, starts in free.items() if starts >> number & 1]
        self.take(request, number, self._best(request, number, who))
        return True

    def _best(self, request: Request, number: int, who: Sequence[int]) -> int:
        if len(who) == 1:
            return who[0]
        place = self.ground.places[number]
        need = need_of(request.asked, place.starts, place.start.ends, place.site_id)
        suited = suit(need, (self._as_they_stand(request, each) for each in who), self.ground.travel)
        return suited.chosen.id if suited.chosen else who[0]

    def _as_they_stand(self, request: Request, interpreter_id: int) -> Candidate:
        """An interpreter with what the plan has for them so far, and whether the person knows them."""
        candidate = self.ground.interpreters_of[request.clinic_id][interpreter_id]
        busy = (*candidate.busy, *self.planned_for(interpreter_id))
        return replace(candidate, busy=busy, known=interpreter_id in request.known)

    def planned_for(self, interpreter_id: int) -> list[Busy]:
        """What an interpreter would do by this plan."""
        theirs = numbers_in(self._of_interpreter.get(interpreter_id, 0))
        return [self.ground.places[number].as_busy() for number in theirs]

    def make_room(self, request: Request) -> bool:
        """Place somebody by moving one other to another time or interpreter; nobody loses their place."""
        if self.place(request):
            return True
        elsewhere: dict[int, dict[int, Starts]] = {}
        for number, interpreter_id, other in self._one_in_the_way(request):
            if other.number not in elsewhere:
                elsewhere[other.number] = self._where_else(other)
            if self._fits_beside(request, number, interpreter_id, elsewhere[other.number], other):
                self.give_back(other)
                self.take(request, number, interpreter_id)
                self.place(other.request)
                return True
        return False

    def _one_in_the_way(self, request: Request) -> Iterator[tuple[int, int, Placed]]:
        """Starts with an interpreter for this person that one other has, or keeps from being."""
        ground = self.ground
        own = self._of_person.get(request.person, 0)
        for interpreter_id, starts in self._pairs[request.id].items():
            theirs = self._of_interpreter.get(interpreter_id, 0)
            for number in numbers_in(starts):
                way = self._taken & ground.same_clinician[number]
                way |= theirs & ground.out_of_reach[number] | own & ground.same_time[number]
                if way and not way & (way - 1):
                    yield number, interpreter_id, self._at[way.bit_length() - 1]

    def _where_else(self, other: Placed) -> dict[int, Starts]:
        self.give_back(other)
        free = self.free_for(other.request)
        self.take(other.request, other.number, other.interpreter_id)
        return free

    def _fits_beside(
        self, request: Request, number: int, interpreter_id: int, free: dict[int, Starts], other: Placed
    ) -> bool:
        """Whether the other could go elsewhere once this start is taken."""
        ground = self.ground
        gone = ground.same_clinician[number]
        if other.request.person == request.person:
            gone |= ground.same_time[number]
        return any(
            starts & ~gone & ~(ground.out_of_reach[number] if whose == interpreter_id else 0)
            for whose, starts in free.items()
        )


def _all_of(apart: Sequence[Starts], numbers: Starts) -> Starts:
    """Everything that any of these starts keeps from being."""
    return reduce(or_, (apart[number] for number in numbers_in(numbers)), 0)
