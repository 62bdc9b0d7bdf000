"""drop-in: the patch of `scipy.optimize`: who holds it, what it reaches, what it leaves alone, and what it tells."""

import inspect
import logging
import os
import pickle
import subprocess
import sys
import threading

import fastcalc as fc
import numpy as np
import pytest
import scipy.optimize
from scipy.optimize import OptimizeWarning

T = np.linspace(0.0, 4.0, 50)
ORIGINAL = scipy.optimize.curve_fit


def decay(t, a, rate):
    return a * np.exp(-rate * t)


Y = decay(T, 2.5, 1.3) + 0.05 * np.sin(37.0 * T**2)


@pytest.fixture(autouse=True)
def unpatched():
    fc.patch_report(clear=True)
    yield
    fc.unpatch_scipy()
    assert scipy.optimize.curve_fit is ORIGINAL


def reasons(name="curve_fit"):
    return list(fc.patch_report().fallen_back.get(name, ()))


def taken(name="curve_fit"):
    return fc.patch_report().taken.get(name, 0)


# --- who holds it ------------------------------------------------------------------------------------------------------


def test_patch_and_unpatch_are_idempotent():
    assert not fc.scipy_is_patched()
    fc.patch_scipy(verbose=False)
    stand_in = scipy.optimize.curve_fit
    fc.patch_scipy(verbose=False)
    assert scipy.optimize.curve_fit is stand_in is not ORIGINAL and fc.scipy_is_patched("curve_fit")
    fc.unpatch_scipy()
    fc.unpatch_scipy()
    assert scipy.optimize.curve_fit is ORIGINAL and not fc.scipy_is_patched()


def test_blocks_nest():
    with fc.patched_scipy():
        with fc.patched_scipy("curve_fit"):
            assert fc.scipy_is_patched("curve_fit")
        assert scipy.optimize.curve_fit is not ORIGINAL
    assert scipy.optimize.curve_fit is ORIGINAL


def test_a_block_inside_of_a_patch_leaves_it():
    fc.patch_scipy("curve_fit", verbose=False)
    with fc.patched_scipy():
        pass
    assert fc.scipy_is_patched("curve_fit")


def test_an_exception_in_the_block_restores():
    with pytest.raises(ZeroDivisionError), fc.patched_scipy():
        1 / 0  # noqa: B018
    assert scipy.optimize.curve_fit is ORIGINAL


def test_blocks_of_several_threads_overlap_in_any_order():
    inside, leave = threading.Event(), threading.Event()

    def first():
        with fc.patched_scipy():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(10)
    with fc.patched_scipy():
        leave.set()
        thread.join()
        assert scipy.optimize.curve_fit is not ORIGINAL  # the first one's end is not this one's
    assert scipy.optimize.curve_fit is ORIGINAL


def test_only_the_named_functions_are_patched():
    with fc.patched_scipy(["curve_fit"]):
        assert fc.scipy_is_patched("curve_fit") and scipy.optimize.curve_fit is not ORIGINAL
        assert not hasattr(scipy.optimize.minimize, "__wrapped__")


def test_an_unknown_name_is_refused_before_anything_is_patched():
    with pytest.raises(ValueError, match=r"nothing for scipy\.optimize\.linprog; it has curve_fit, .*root"):
        fc.patch_scipy(["curve_fit", "linprog"])
    assert not fc.scipy_is_patched()


def test_patching_says_so_on_stderr(capsys):
    fc.patch_scipy("curve_fit")
    assert capsys.readouterr() == ("", "fastcalc is under scipy.optimize: curve_fit\n")
    fc.patch_scipy("curve_fit", verbose=False)
    assert capsys.readouterr() == ("", "")


# --- what it reaches -----------------------------------------------------------------------------------------------------


def test_the_stand_in_has_the_name_the_signature_and_the_pickle_of_the_original():
    with fc.patched_scipy():
        stand_in = scipy.optimize.curve_fit
        assert inspect.signature(stand_in) == inspect.signature(ORIGINAL)
        assert stand_in.__name__ == "curve_fit" and stand_in.__doc__ == ORIGINAL.__doc__
        assert pickle.loads(pickle.dumps(stand_in)) is stand_in


def test_modules_of_scipy_that_hold_the_function_are_reached():
    module = sys.modules[ORIGINAL.__module__]
    with fc.patched_scipy():
        assert module.curve_fit is scipy.optimize.curve_fit
    assert module.curve_fit is ORIGINAL


def test_a_stand_in_that_is_kept_is_scipys_own_after_the_end():
    with fc.patched_scipy():
        kept = scipy.optimize.curve_fit
    assert np.array_equal(kept(decay, T, Y)[1], ORIGINAL(decay, T, Y)[1])
    assert not taken() and not reasons()


def test_many_threads_at_once():
    failures = []

    def fit():
        try:
            for _ in range(20):
                with fc.patched_scipy():
                    np.testing.assert_allclose(
                        scipy.optimize.curve_fit(decay, T, Y)[0], ORIGINAL(decay, T, Y)[0], rtol=1e-6
                    )
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=fit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures and taken() == 80


def test_the_import_is_not_paid_before_the_patch():
    script = "import sys, fastcalc as fc; fc.unpatch_scipy; assert 'scipy' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


# --- what it leaves alone ------------------------------------------------------------------------------------------------


def same(*args, **kwargs):
    """Assert that the call is SciPy's to the last bit, and return the reason."""
    with fc.patched_scipy():
        ours = scipy.optimize.curve_fit(*args, **kwargs)
    theirs = ORIGINAL(*args, **kwargs)
    assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    assert not taken()
    (reason,) = reasons()
    return reason


def test_an_untraceable_function_is_scipys_and_nobody_is_warned():
    def opaque(t, a, rate):
        return np.array([complex(a * np.exp(-rate * each)).real for each in t])

    assert same(opaque, T, Y).startswith("the function cannot be traced: ")


def test_an_option_that_fastcalc_lacks():
    assert same(decay, T, Y, method="trf", loss="soft_l1") == "the option loss"


def test_a_function_that_counts_its_calls_is_called():
    calls = []

    def counted(t, a, rate):
        calls.append(1)
        return decay(t, a, rate)

    assert "keeps a state" in same(counted, T, Y)
    assert len(calls) > 2


@pytest.mark.parametrize("what", ["attribute", "global", "outer", "container", "helper", "method", "partial"])
def test_every_kind_of_state_is_seen(what):
    import functools

    from fastcalc.backends.scipy._state import keeps_state

    count, seen = 0, {}

    def attribute(x):
        attribute.calls = 1
        return x

    def global_(x):
        global COUNT
        COUNT = 1
        return x

    def outer(x):
        nonlocal count
        count += 1
        return x

    def container(x):
        seen[0] = 1
        return x

    def helper(x):
        return outer(x)

    class Counter:
        def __call__(self, x):
            self.calls = 1
            return x

    kinds = {"attribute": attribute, "global": global_, "outer": outer, "container": container, "helper": helper}
    kinds |= {"method": Counter(), "partial": functools.partial(outer)}
    assert keeps_state(kinds[what])


def test_what_a_function_makes_itself_is_no_state():
    from fastcalc.backends.scipy._state import keeps_state

    def own(x):
        made = np.zeros(2)
        made[0] = x[0]
        parts = []
        parts.append(x[1])
        return made.sum() + parts[0]

    assert not keeps_state(own) and not keeps_state(np.sum) and not keeps_state(scipy.optimize.rosen)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((decay, T, Y[:-1]), {}),
        ((decay, T, Y), {"p0": [1.0]}),
        ((decay, T, np.where(T > 3, np.nan, Y)), {}),
        ((decay, T, Y), {"method": "nope"}),
        ((decay, T, Y), {"nope": 1}),
        ((decay, T, Y), {"maxfev": 3}),
        ((decay,), {}),
        ((lambda t, a: 1 / 0, T, Y), {}),
    ],
)
def test_errors_are_scipys_own(args, kwargs):
    with pytest.raises(Exception) as theirs:
        ORIGINAL(*args, **kwargs)
    with fc.patched_scipy(), pytest.raises(theirs.type) as ours:
        scipy.optimize.curve_fit(*args, **kwargs)
    assert str(ours.value) == str(theirs.value)


def test_warnings_are_scipys_own_and_name_the_callers_line():
    with fc.patched_scipy(), pytest.warns(OptimizeWarning, match="Covariance") as seen:
        scipy.optimize.curve_fit(lambda t, a, b: a * b + 0 * t, T, Y)
    assert taken() == 1 and seen[0].filename == __file__


def test_fastcalcs_own_front_door_works_under_the_patch():
    with fc.patched_scipy():
        popt, _ = fc.curve_fit(decay, T, Y, method="trf", loss="soft_l1")
    np.testing.assert_array_equal(popt, ORIGINAL(decay, T, Y, method="trf", loss="soft_l1")[0])


# --- what it tells ---------------------------------------------------------------------------------------------------------


def test_the_report_counts_by_reason():
    with fc.patched_scipy():
        for _ in range(3):
            scipy.optimize.curve_fit(decay, T, Y)
        scipy.optimize.curve_fit(decay, T, Y, method="trf", loss="soft_l1")
    report = fc.patch_report()
    assert report.taken == {"curve_fit": 3} and report.fallen_back == {"curve_fit": {"the option loss": 1}}
    assert str(report) == "curve_fit: 3 by fastcalc, 1 by SciPy\n      1  the option loss"


def test_each_call_is_logged(caplog):
    with caplog.at_level(logging.INFO, "fastcalc"), fc.patched_scipy():
        scipy.optimize.curve_fit(decay, T, Y)
        scipy.optimize.curve_fit(decay, T, Y, method="trf", loss="soft_l1")
    assert caplog.messages == [
        "scipy.optimize.curve_fit: fastcalc",
        "scipy.optimize.curve_fit: SciPy's own code, since: the option loss",
    ]


def test_the_environment_asks_for_the_log_on_stderr():
    script = (
        "import fastcalc as fc, numpy as np, scipy.optimize\n"
        "fc.patch_scipy('curve_fit', verbose=False)\n"
        "scipy.optimize.curve_fit(lambda t, a, b: a * t + b, np.arange(4.0), np.arange(4.0) ** 2)"
    )
    for value, told in {"1": "fastcalc: scipy.optimize.curve_fit: fastcalc\n", "0": ""}.items():
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"FASTCALC_VERBOSE": value},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == told


def test_the_state_of_an_object_is_seen_through_its_methods():
    from fastcalc.backends.scipy._state import keeps_state

    class Cached:
        def __init__(self):
            self.seen = None

        def remember(self, x):
            self.seen = x

        def value(self, x):
            if self.seen is None:
                self.remember(x)
            return x @ x

    class Wrapper:
        def __init__(self, f):
            self.f = f

        def __call__(self, x):
            return self.f(x)

    cached = Cached()
    assert (
        keeps_state(Wrapper(cached.value))
        and keeps_state(Wrapper(Wrapper(cached.value)))
        and not keeps_state(Wrapper(lambda x: x @ x))
    )
    assert keeps_state(cached.value) and keeps_state(lambda x: cached.value(x))
