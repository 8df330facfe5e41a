"""The ``sfw`` command. Each file is one group of commands; heavy imports wait for the command."""
