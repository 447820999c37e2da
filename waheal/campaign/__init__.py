"""Campaign files: read, judged and rendered; it sends nothing and knows no ledger."""

from waheal.campaign.campaign_file import CampaignFile, open_campaign_file
from waheal.campaign.checking import Checked, Preview, check
from waheal.campaign.dates import NotADateError, parse_date
from waheal.campaign.options import Options
from waheal.campaign.phones import NumberReader, same_person, spellings
from waheal.campaign.problems import Caution, Problem
from waheal.campaign.rejected import write_rejected
from waheal.campaign.template_file import read_template

Warning = Caution  # noqa: A001 - the contract's word for it

__all__ = [
    "CampaignFile",
    "Caution",
    "Checked",
    "NotADateError",
    "NumberReader",
    "Options",
    "Preview",
    "Problem",
    "check",
    "open_campaign_file",
    "parse_date",
    "read_template",
    "same_person",
    "spellings",
    "write_rejected",
]
