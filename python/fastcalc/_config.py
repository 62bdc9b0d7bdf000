"""What this build is made of and runs on."""

from . import __version__, _core

__all__ = ["show_config"]


def show_config() -> None:
    """Print the version, the engine chosen for this processor, and what it was built with.

    Set ``FASTCALC_ISA`` to ``x86-64-v2``, ``x86-64-v3`` or ``x86-64-v4`` before the import to run an older engine. A program that is
    run often becomes machine code, where the processor has AVX2; ``FASTCALC_NATIVE`` set to ``never`` leaves all of it to the
    interpreter, ``always`` does not wait. The numbers are the same, to the bit.

    Examples
    --------
    >>> import fastcalc as fc
    >>> fc.show_config()  # doctest: +ELLIPSIS
    fastcalc ...
      engine       ...
    """
    config = _core.config()
    print(f"fastcalc {__version__}")
    print(f"  engine       {config['engine']} ({config['lanes']} lanes of float64)")
    print(f"  machine code {'yes' if config['native'] else 'no'}")
    print(f"  vector math  {config['vector_math']}")
    print(f"  compiler     {config['compiler']}")
