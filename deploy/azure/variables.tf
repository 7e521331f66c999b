variable "stage" {
  description = "dev, staging or production; each in a subscription of its own."
  type        = string
  validation {
    condition     = contains(["dev", "staging", "production"], var.stage)
    error_message = "There is no such stage: give dev, staging or production."
  }
}

variable "location" {
  description = "The region, such as uksouth."
  type        = string
  default     = "uksouth"
}

variable "image" {
  description = "The image, by digest: registry.azurecr.io/persona-access@sha256:..."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9]+\\.azurecr\\.io/persona-access@sha256:[0-9a-f]{64}$", var.image))
    error_message = "The image has to be named by its digest."
  }
}

variable "registry_id" {
  description = "The id of the container registry that holds the image."
  type        = string
}

variable "suffix" {
  description = "Three to six letters or digits that make the names of accounts unique in the world."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9]{3,6}$", var.suffix))
    error_message = "Give three to six small letters or digits."
  }
}

variable "senders" {
  description = "Object ids of those who deliver; each may add blobs to the drop container, and read none."
  type        = set(string)
  default     = []
}

variable "analysts" {
  description = "Object ids of groups that read masked releases."
  type        = set(string)
  default     = []
}

variable "alert_email" {
  description = "People who are alerted to a failed run, a broken audit log, or a missing check."
  type        = string
}

variable "object_lock_days" {
  description = "For how long nobody can change or delete an anchor; locked for good in production."
  type        = number
  default     = 2557
}

locals {
  name = "persona-access-${var.stage}"
  # Names of storage accounts have only letters and digits.
  short   = "pa${substr(var.stage, 0, 4)}${var.suffix}"
  buckets = toset(["drop", "publish", "audit"])
  tags    = { application = "persona-access", stage = var.stage }
}

resource "azurerm_resource_group" "this" {
  name     = local.name
  location = var.location
  tags     = local.tags
}
