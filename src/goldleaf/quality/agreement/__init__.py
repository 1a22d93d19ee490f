"""How far annotators agree, and on what they do not."""

from goldleaf.quality.agreement.agreement import agreement
from goldleaf.quality.agreement.meaning import NAMES
from goldleaf.quality.agreement.result import Agreement, FieldAgreement, Score
from goldleaf.quality.agreement.unitizing_2004 import unitizing_alpha_2004

__all__ = ["NAMES", "Agreement", "FieldAgreement", "Score", "agreement", "unitizing_alpha_2004"]
