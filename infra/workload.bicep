targetScope = 'subscription'
metadata name = 'Workload'
metadata description = 'What belongs to the application: store, vault, identities, events, alerts, budget. Changed with it, by its team; the platform has a template of its own.'

import { environmentName, kubernetesNamespace, named, tagged, tagsType, unique } from 'shared/names.bicep'
import { throughputType } from 'workload/store.bicep'

@description('Environment.')
param environment environmentName

@description('Azure region: that of the platform.')
param location string = deployment().location

@description('More tags, such as a cost centre.')
param tags tagsType = {}

@description('What the platform of the environment gave.')
param platform platformType

@description('Whether everything that can be is spread over availability zones.')
param resilient bool

@description('How the throughput of the store is paid for.')
param throughput throughputType

@description('A region that takes over the store when the first is lost. Empty: there is none.')
param secondRegion string = ''

@description('How long every moment of the store can be restored.')
@allowed(['Continuous7Days', 'Continuous30Days'])
param backup string

@description('Object ids of Entra groups whose members put secrets into the vault.')
param secretOfficerGroupIds string[]

@description('Whether delivery events go to an Event Grid namespace.')
param events bool

@description('Whether anybody is woken.')
param alerts bool

@description('What the application may cost a month, in the currency of the subscription.')
param monthlyBudget int

@description('First of the month from which the budget counts. It cannot change later.')
param budgetStart string

@description('E-mail addresses that are told of costs.')
@minLength(1)
param alertEmails string[]

@export()
@description('What the workload needs of the platform: outputs of platform.bicep.')
type platformType = {
  @description('Issuer of the tokens of the cluster\'s service accounts.')
  oidcIssuer: string
  @description('Principal id of the application-routing add-on.')
  routingPrincipalId: string
  @description('Resource id of the subnet of private endpoints.')
  privateEndpointsSubnetId: string
  @description('Resource id of the private DNS zone of stores.')
  storeZoneId: string
  @description('Resource id of the private DNS zone of vaults.')
  vaultZoneId: string
  @description('Resource id of the Log Analytics workspace.')
  workspaceId: string
  @description('Resource id of the action group that alerts notify.')
  actionGroupId: string
  @description('Resource id of the store of Prometheus metrics.')
  prometheusId: string
}

var suffix = 'drones-${environment}'
var allTags = tagged(environment, 'application', tags)

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: '${named('rg', environment)}-application'
  location: location
  tags: allTags
}

module identities 'workload/identities.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    suffix: suffix
    oidcIssuer: platform.oidcIssuer
    kubernetesNamespace: kubernetesNamespace(environment)
  }
}

module store 'workload/store.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    name: unique('cosmos', environment, subscription().subscriptionId)
    zoneRedundant: resilient
    secondRegion: secondRegion
    throughput: throughput
    backup: backup
    principals: { silo: identities.outputs.siloPrincipalId, gateway: identities.outputs.gatewayPrincipalId }
    subnetId: platform.privateEndpointsSubnetId
    privateZoneId: platform.storeZoneId
    workspaceId: platform.workspaceId
  }
}

module vault 'workload/vault.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    name: unique('kv', environment, subscription().subscriptionId)
    principals: { silo: identities.outputs.siloPrincipalId, gateway: identities.outputs.gatewayPrincipalId }
    routingPrincipalId: platform.routingPrincipalId
    officerGroupIds: secretOfficerGroupIds
    subnetId: platform.privateEndpointsSubnetId
    privateZoneId: platform.vaultZoneId
    applicationInsightsName: 'appi-${suffix}'
    platformGroupName: named('rg', environment)
    workspaceId: platform.workspaceId
  }
}

module eventGrid 'workload/events.bicep' = if (events) {
  scope: group
  params: {
    location: location
    tags: allTags
    name: unique('evgns', environment, subscription().subscriptionId)
    siloPrincipalId: identities.outputs.siloPrincipalId
    zoneRedundant: resilient
    workspaceId: platform.workspaceId
  }
}

module rules 'workload/alerts.bicep' = {
  scope: group
  params: {
    tags: allTags
    suffix: suffix
    storeId: store.outputs.id
    vaultId: vault.outputs.id
    actionGroupId: platform.actionGroupId
    prometheusId: platform.prometheusId
    location: location
    enabled: alerts
  }
}

module budget 'workload/budget.bicep' = {
  scope: group
  params: { name: 'budget-${suffix}', amount: monthlyBudget, startDate: budgetStart, emails: alertEmails }
}

@description('Namespace of the application.')
output kubernetesNamespace string = kubernetesNamespace(environment)

@description('Chart value cosmos.accountEndpoint.')
output cosmosEndpoint string = store.outputs.endpoint

@description('Chart value cosmos.databaseName.')
output cosmosDatabase string = store.outputs.databaseName

@description('Chart value silo.workloadIdentity.clientId.')
output siloClientId string = identities.outputs.siloClientId

@description('Chart value gateway.workloadIdentity.clientId.')
output gatewayClientId string = identities.outputs.gatewayClientId

@description('Chart value keyVault.name.')
output keyVaultName string = vault.outputs.name

@description('Chart value notifications.eventGrid.endpoint.')
output eventGridEndpoint string = eventGrid.?outputs.endpoint ?? ''

@description('Chart value notifications.eventGrid.topic.')
output eventGridTopic string = eventGrid.?outputs.topic ?? ''
