"""What a campaign came to: its funnel, curves and variants; knows no store and no screen."""
