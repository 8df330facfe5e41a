"""The bridge: SecretFlow's own devices in a party's process, for what is written against them.

::

    SecretFlow's driver   PYU  SPU  HEU          (this process's main thread)
            │              │    │    │
            └─ channel ────┘    │    └── channel
                  │             │
               sub-link      sub-link
                  └──────┬──────┘
              the party's one link  ==mutual TLS, pinned==  its peers

SecretFlow would open a listener and a connection for each device. Here it opens none: its
messages and its SPU run over sub-links of the link that the task has anyhow, so its gate, its
tunnel, its listener on one address, its time limits and its lifeline are theirs too.

What SecretFlow leaves open is closed on the way in and out: ``admission`` lists what is
unpickled, ``channel`` lets no text of an exception cross, ``words`` keeps foreign words out of
logs, ``context`` ends the party instead of the process.

Only ``bridge`` is for the engine, and only its use imports SecretFlow.
"""
