{{ reconciliation_by_attribute('manager_brid') }}
