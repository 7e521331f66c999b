{{ reconciliation_by_attribute('cost_center') }}
