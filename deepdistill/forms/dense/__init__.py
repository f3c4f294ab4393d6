"""Networks of dense layers: given from elsewhere, or built without a gradient at few sizes."""
