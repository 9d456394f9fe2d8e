targetScope = 'subscription'
metadata name = 'Drone Delivery'
metadata description = 'One environment, from an empty subscription: the platform, and the application on it. Each of the two can be deployed alone with its own template.'

import { environmentName, tagsType } from 'shared/names.bicep'
import { groupsType, nodesType } from 'platform/cluster.bicep'
import { throughputType } from 'workload/store.bicep'

@description('Environment.')
param environment environmentName

@description('Azure region.')
param location string

@description('More tags, such as a cost centre.')
param tags tagsType = {}

@description('Whether everything that can be is spread over three availability zones and has an uptime agreement.')
param resilient bool

@description('Nodes of the cluster.')
param nodes nodesType

@description('Whether the API server has a private address only.')
param privateCluster bool

@description('Ranges from which a public API server may be called.')
param authorizedIpRanges string[] = []

@description('Entra groups and what they may do.')
param groups groupsType

@description('Whether a web application firewall stands in front.')
param firewall bool

@description('DNS zone of the application. Empty: none is made.')
param dnsZoneName string = ''

@description('Regions that hold a copy of the registry besides its own.')
param registryReplicas string[] = []

@description('Whether the registry can be reached from outside the network.')
param registryPublic bool

@description('Principal id of the pipeline that pushes images. Empty: nothing may push yet.')
param pipelinePrincipalId string = ''

@description('Days for which logs are kept.')
param logRetentionDays int

@description('Most gigabytes of logs a day.')
param dailyLogGigabytes int

@description('Whether the paid plans of Microsoft Defender are on, for the whole subscription.')
param defender bool

@description('How the throughput of the store is paid for.')
param throughput throughputType

@description('A region that takes over the store when the first is lost. Empty: there is none.')
param secondRegion string = ''

@description('How long every moment of the store can be restored.')
param backup 'Continuous7Days' | 'Continuous30Days'

@description('Whether delivery events go to an Event Grid namespace.')
param events bool

@description('Whether anybody is woken.')
param alerts bool

@description('What the application may cost a month, in the currency of the subscription.')
param monthlyBudget int

@description('First of the month from which the budget counts.')
param budgetStart string

@description('E-mail addresses that are told of alerts and costs.')
@minLength(1)
param alertEmails string[]

module platform 'platform.bicep' = {
  params: {
    environment: environment
    location: location
    tags: tags
    resilient: resilient
    nodes: nodes
    privateCluster: privateCluster
    authorizedIpRanges: authorizedIpRanges
    groups: groups
    firewall: firewall
    dnsZoneName: dnsZoneName
    registryReplicas: registryReplicas
    registryPublic: registryPublic
    pipelinePrincipalId: pipelinePrincipalId
    logRetentionDays: logRetentionDays
    dailyLogGigabytes: dailyLogGigabytes
    alertEmails: alertEmails
    defender: defender
  }
}

module workload 'workload.bicep' = {
  params: {
    environment: environment
    location: location
    tags: tags
    platform: {
      oidcIssuer: platform.outputs.oidcIssuer
      routingPrincipalId: platform.outputs.routingPrincipalId
      privateEndpointsSubnetId: platform.outputs.privateEndpointsSubnetId
      storeZoneId: platform.outputs.storeZoneId
      vaultZoneId: platform.outputs.vaultZoneId
      workspaceId: platform.outputs.workspaceId
      actionGroupId: platform.outputs.actionGroupId
      prometheusId: platform.outputs.prometheusId
    }
    resilient: resilient
    throughput: throughput
    secondRegion: secondRegion
    backup: backup
    secretOfficerGroupIds: groups.platformEngineers
    events: events
    alerts: alerts
    monthlyBudget: monthlyBudget
    budgetStart: budgetStart
    alertEmails: alertEmails
  }
}

@description('Resource group of the platform.')
output platformGroup string = platform.outputs.resourceGroupName

@description('Name of the cluster.')
output clusterName string = platform.outputs.clusterName

@description('Chart value registry, and trustedRegistry of the platform chart.')
output registry string = platform.outputs.registryServer

@description('Namespace of the application.')
output kubernetesNamespace string = workload.outputs.kubernetesNamespace

@description('Chart value cosmos.accountEndpoint.')
output cosmosEndpoint string = workload.outputs.cosmosEndpoint

@description('Chart value cosmos.databaseName.')
output cosmosDatabase string = workload.outputs.cosmosDatabase

@description('Chart value silo.workloadIdentity.clientId.')
output siloClientId string = workload.outputs.siloClientId

@description('Chart value gateway.workloadIdentity.clientId.')
output gatewayClientId string = workload.outputs.gatewayClientId

@description('Chart value keyVault.name.')
output keyVaultName string = workload.outputs.keyVaultName

@description('Chart value notifications.eventGrid.endpoint.')
output eventGridEndpoint string = workload.outputs.eventGridEndpoint

@description('Chart value notifications.eventGrid.topic.')
output eventGridTopic string = workload.outputs.eventGridTopic

@description('Name servers to enter at the parent DNS zone.')
output nameServers string[] = platform.outputs.nameServers

@description('Host name of the web application firewall, where there is one.')
output firewallHostName string = platform.outputs.firewallHostName
