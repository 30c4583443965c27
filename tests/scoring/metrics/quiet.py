"""Calls of scikit-learn without its warnings."""

import warnings


def quiet(function, *args, **kwargs):
    """scikit-learn warns where a value is a matter of convention."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **kwargs)
