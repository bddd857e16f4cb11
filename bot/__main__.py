"""`python -m bot`."""

from bot.installed import explain, need_new_python

need_new_python()
try:
    from bot.cli import main

    main()
except (ImportError, PermissionError) as error:
    explain(error)
    raise
