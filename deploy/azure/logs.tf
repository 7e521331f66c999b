# Logs of the jobs, access logs of blobs and secrets, and alerts for failures.
resource "azurerm_log_analytics_workspace" "this" {
  name                       = local.name
  resource_group_name        = azurerm_resource_group.this.name
  location                   = var.location
  sku                        = "PerGB2018"
  retention_in_days          = 365
  internet_ingestion_enabled = false
  internet_query_enabled     = false
  tags                       = local.tags
}

resource "azurerm_monitor_diagnostic_setting" "bucket" {
  for_each                   = local.buckets
  name                       = "reads-and-writes"
  target_resource_id         = "${azurerm_storage_account.bucket[each.key].id}/blobServices/default"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id
  enabled_log {
    category_group = "audit"
  }
}

resource "azurerm_monitor_diagnostic_setting" "vault" {
  name                       = "keys-and-secrets"
  target_resource_id         = azurerm_key_vault.this.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id
  enabled_log {
    category_group = "audit"
  }
}

resource "azurerm_monitor_action_group" "this" {
  name                = local.name
  resource_group_name = azurerm_resource_group.this.name
  short_name          = "persona"
  tags                = local.tags
  email_receiver {
    name                    = "engineers"
    email_address           = var.alert_email
    use_common_alert_schema = true
  }
}

locals {
  alerts = {
    run-failed = {
      says = "The weekly run failed: read the log of the job (runbook: Run failed)."
      # The system log records a failed job.
      query = "ContainerAppSystemLogs_CL | where JobName_s startswith 'run-' and Reason_s in ('BackoffLimitExceeded', 'DeadlineExceeded', 'ContainerTerminated') and Log_s !has 'exit code 0'"
      hours = 1, operator = "GreaterThan", threshold = 0
    }
    audit-broken = {
      says  = "audit verify found the log or what it names changed (runbook: Tampering)."
      query = "ContainerAppSystemLogs_CL | where JobName_s startswith 'verify-' and Reason_s in ('BackoffLimitExceeded', 'DeadlineExceeded', 'ContainerTerminated') and Log_s !has 'exit code 0'"
      hours = 1, operator = "GreaterThan", threshold = 0
    }
    # The check runs every night: without it, the schedules do not run (runbook: Run late).
    check-missing = {
      says  = "No check of the audit log came for a day: do the schedules run?"
      query = "ContainerAppSystemLogs_CL | where JobName_s startswith 'verify-'"
      hours = 24, operator = "LessThan", threshold = 1
    }
  }
}

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "this" {
  for_each             = local.alerts
  name                 = "${local.name}-${each.key}"
  resource_group_name  = azurerm_resource_group.this.name
  location             = var.location
  description          = each.value.says
  severity             = 1
  scopes               = [azurerm_log_analytics_workspace.this.id]
  evaluation_frequency = "PT1H"
  window_duration      = each.value.hours == 24 ? "P1D" : "PT${each.value.hours}H"
  tags                 = local.tags
  criteria {
    query                   = each.value.query
    time_aggregation_method = "Count"
    operator                = each.value.operator
    threshold               = each.value.threshold
  }
  action {
    action_groups = [azurerm_monitor_action_group.this.id]
  }
}

resource "azurerm_monitor_activity_log_alert" "tampering" {
  for_each = {
    locks    = "Microsoft.Authorization/locks/delete"
    vault    = "Microsoft.KeyVault/vaults/delete"
    settings = "Microsoft.Insights/diagnosticSettings/delete"
    alerts   = "Microsoft.Insights/scheduledQueryRules/delete"
    accounts = "Microsoft.Storage/storageAccounts/delete"
  }
  name                = "${local.name}-tampering-${each.key}"
  resource_group_name = azurerm_resource_group.this.name
  location            = "global"
  scopes              = [azurerm_resource_group.this.id]
  description         = "What guards the rest was deleted (runbook: Tampering)."
  tags                = local.tags
  criteria {
    category       = "Administrative"
    operation_name = each.value
  }
  action {
    action_group_id = azurerm_monitor_action_group.this.id
  }
}

resource "azurerm_management_lock" "this" {
  name       = "stays"
  scope      = azurerm_resource_group.this.id
  lock_level = "CanNotDelete"
  notes      = "Deliveries, releases, anchors, the home and its keys are not deleted by accident."
}
