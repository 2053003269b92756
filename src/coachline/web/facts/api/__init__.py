"""Files, calls and tickets through the API: the same queries and actions as the pages."""

from ninja import Router

from coachline.web.facts.api.calls import router as calls
from coachline.web.facts.api.tickets import router as tickets
from coachline.web.facts.api.uploads import router as uploads

router = Router()
router.add_router("/uploads", uploads)
router.add_router("/calls", calls)
router.add_router("/tickets", tickets)
