"""scikit-learn estimators: classification by rules or formulas, regression by a formula."""
