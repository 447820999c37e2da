"""The coordinator: sends a campaign through host processes, and settles what became of it.

A run, from the outside in: `run` is the loop, and the `helm` steers it along its `course`. `claims`
picks recipients for the devices that the `roster` and its `scheduler` say are next. `flights` are
what hosts have in hand, `hearing` takes in what they say, `landing` writes how a flight ends, with
`reconciliation` where that is in doubt. The `fleet` and `recycling` keep `hosts` alive over a
`link`. `inbound` is what recipients send, `presence` what devices do, the `past` what a killed run
left.

`collect` and `pairing` are the other doors. `ports` say what all of these need of a ledger,
`surroundings` what they need of the machine, `settings` what the operator asked for.
"""
