# The weekly run and the nightly check, each a job with its own identity.
resource "azurerm_container_app_environment" "this" {
  name                           = local.name
  resource_group_name            = azurerm_resource_group.this.name
  location                       = var.location
  infrastructure_subnet_id       = azurerm_subnet.jobs.id
  internal_load_balancer_enabled = true
  zone_redundancy_enabled        = true
  log_analytics_workspace_id     = azurerm_log_analytics_workspace.this.id
  tags                           = local.tags
  workload_profile {
    name                  = "run"
    workload_profile_type = "E4"
    minimum_count         = 0
    maximum_count         = 1
  }
}

resource "azurerm_container_app_environment_storage" "home" {
  name                         = "home"
  container_app_environment_id = azurerm_container_app_environment.this.id
  nfs_server_url               = "${azurerm_storage_account.home.name}.file.core.windows.net"
  share_name                   = "/${azurerm_storage_account.home.name}/${azurerm_storage_share.home.name}"
  access_mode                  = "ReadWrite"
}

locals {
  jobs = {
    run = {
      # Monday, 06:00 UTC; it waits for the feeds for four hours.
      cron = "0 6 * * 1", seconds = 43200, secrets = ["encryption", "masking"]
      args = ["run", "--wait-minutes", "240"]
    }
    verify = {
      cron = "0 3 * * *", seconds = 14400, secrets = ["encryption"]
      args = ["audit", "verify"]
    }
  }
  secrets = {
    encryption = { id = azurerm_key_vault_secret.encryption.versionless_id, variable = "PERSONA_ACCESS_ENCRYPTION_KEY" }
    masking    = { id = azurerm_key_vault_secret.masking.versionless_id, variable = "PERSONA_ACCESS_MASKING_KEY" }
  }
  secret_scopes = {
    encryption = azurerm_key_vault_secret.encryption.resource_versionless_id
    masking    = azurerm_key_vault_secret.masking.resource_versionless_id
  }
}

resource "azurerm_container_app_job" "this" {
  for_each                     = local.jobs
  name                         = "${each.key}-${var.stage}"
  resource_group_name          = azurerm_resource_group.this.name
  location                     = var.location
  container_app_environment_id = azurerm_container_app_environment.this.id
  workload_profile_name        = "run"
  replica_timeout_in_seconds   = each.value.seconds
  # After a gate or a failed test, a person must act; the command then continues where it stopped.
  replica_retry_limit = 0
  tags                = local.tags

  schedule_trigger_config {
    cron_expression          = each.value.cron
    parallelism              = 1
    replica_completion_count = 1
  }
  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.job[each.key].id]
  }
  registry {
    server   = split("/", var.image)[0]
    identity = azurerm_user_assigned_identity.job[each.key].id
  }
  dynamic "secret" {
    for_each = toset(each.value.secrets)
    content {
      name                = secret.key
      key_vault_secret_id = local.secrets[secret.key].id
      identity            = azurerm_user_assigned_identity.job[each.key].id
    }
  }
  template {
    container {
      name   = "step"
      image  = var.image
      args   = each.value.args
      cpu    = 4
      memory = "16Gi"
      dynamic "env" {
        for_each = {
          PERSONA_ACCESS_TARGET       = var.stage
          PERSONA_ACCESS_HOME         = "/data"
          PERSONA_ACCESS_DROP_ZONE    = "abfss://drop@${azurerm_storage_account.bucket["drop"].name}.dfs.core.windows.net"
          PERSONA_ACCESS_LEAVE_FILES  = "true"
          PERSONA_ACCESS_PUBLISH_URL  = "abfss://publish@${azurerm_storage_account.bucket["publish"].name}.dfs.core.windows.net"
          PERSONA_ACCESS_ANCHOR_URL   = "abfss://audit@${azurerm_storage_account.bucket["audit"].name}.dfs.core.windows.net/anchors"
          PERSONA_ACCESS_MEMORY_LIMIT = "12288MiB"
          PERSONA_ACCESS_THREADS      = "4"
          AZURE_CLIENT_ID             = azurerm_user_assigned_identity.job[each.key].client_id
        }
        content {
          name  = env.key
          value = env.value
        }
      }
      dynamic "env" {
        for_each = toset(each.value.secrets)
        content {
          name        = local.secrets[env.key].variable
          secret_name = env.key
        }
      }
      volume_mounts {
        name = "home"
        path = "/data"
      }
      volume_mounts {
        name = "scratch"
        path = "/app/target"
      }
    }
    volume {
      name         = "home"
      storage_type = "NfsAzureFile"
      storage_name = azurerm_container_app_environment_storage.home.name
    }
    volume {
      name         = "scratch"
      storage_type = "EmptyDir"
    }
  }
  depends_on = [azurerm_role_assignment.secrets, azurerm_role_assignment.pull]
}
