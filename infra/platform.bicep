targetScope = 'subscription'
metadata name = 'Platform'
metadata description = 'What a team keeps for years: network, cluster, registry, monitoring. Changed seldom, by platform engineers; the workload has a template of its own.'

import { environmentName, named, tagged, tagsType, unique } from 'shared/names.bicep'
import { rangesType } from 'platform/network.bicep'
import { groupsType, nodesType } from 'platform/cluster.bicep'

@description('Environment.')
param environment environmentName

@description('Azure region, with three availability zones for production.')
param location string = deployment().location

@description('More tags, such as a cost centre.')
param tags tagsType = {}

@description('Address ranges of the network.')
param ranges rangesType = {
  network: '10.0.0.0/16'
  nodes: '10.0.0.0/22'
  apiServer: '10.0.4.0/28'
  ingress: '10.0.5.0/24'
  firewall: '10.0.6.0/24'
  privateEndpoints: '10.0.7.0/26'
}

@description('Range of the pods, in the overlay: no address of the network is used.')
param podRange string = '10.244.0.0/16'

@description('Range of Kubernetes services.')
param serviceRange string = '10.245.0.0/16'

@description('Minor version of Kubernetes.')
param kubernetesVersion string = '1.34'

@description('Nodes of the cluster.')
param nodes nodesType

@description('Whether everything that can be is spread over availability zones and has an uptime agreement.')
param resilient bool

@description('Whether the API server has a private address only.')
param privateCluster bool = true

@description('Ranges from which a public API server may be called.')
param authorizedIpRanges string[] = []

@description('Entra groups and what they may do.')
param groups groupsType

@description('Whether Application Gateway for Containers with a web application firewall stands in front.')
param firewall bool

@description('DNS zone of the application, such as drones.contoso.com. Empty: none is made.')
param dnsZoneName string = ''

@description('Regions that hold a copy of the registry besides its own.')
param registryReplicas string[] = []

@description('Whether the registry can be reached from outside the network, as hosted build agents have to.')
param registryPublic bool = true

@description('Principal id of the pipeline that pushes images. Empty: nothing may push yet.')
param pipelinePrincipalId string = ''

@description('Days for which logs are kept.')
param logRetentionDays int = 30

@description('Most gigabytes of logs a day.')
param dailyLogGigabytes int

@description('E-mail addresses that are told of alerts.')
@minLength(1)
param alertEmails string[]

@description('Whether the paid plans of Microsoft Defender are on, for the whole subscription.')
param defender bool

var suffix = 'drones-${environment}'
var allTags = tagged(environment, 'platform', tags)
var zones = resilient ? ['1', '2', '3'] : ['1']

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: named('rg', environment)
  location: location
  tags: allTags
}

module monitoring 'platform/monitoring.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    suffix: suffix
    logRetentionDays: logRetentionDays
    dailyLogGigabytes: dailyLogGigabytes
    alertEmails: alertEmails
    dashboardAdminGroupIds: groups.platformEngineers
    zoneRedundant: resilient
  }
}

module network 'platform/network.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    name: named('vnet', environment)
    zones: zones
    ranges: ranges
    workspaceId: monitoring.outputs.workspaceId
  }
}

module zone 'platform/zone.bicep' = if (!empty(dnsZoneName)) {
  scope: group
  params: { tags: allTags, name: dnsZoneName }
}

module cluster 'platform/cluster.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    name: named('aks', environment)
    kubernetesVersion: kubernetesVersion
    nodes: nodes
    zones: zones
    uptimeAgreement: resilient
    privateCluster: privateCluster
    authorizedIpRanges: authorizedIpRanges
    podRange: podRange
    serviceRange: serviceRange
    networkName: named('vnet', environment)
    groups: groups
    environments: [environment]
    dnsZoneId: zone.?outputs.id ?? ''
    workspaceId: monitoring.outputs.workspaceId
    prometheusId: monitoring.outputs.prometheusId
  }
  dependsOn: [network]
}

module zoneWriter 'platform/zone-writer.bicep' = if (!empty(dnsZoneName)) {
  scope: group
  params: { name: dnsZoneName, principalId: cluster.outputs.routingPrincipalId }
}

module registry 'platform/registry.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    name: unique('cr', environment, subscription().subscriptionId)
    zoneRedundant: resilient
    replicaLocations: registryReplicas
    untaggedRetentionDays: 30
    pullPrincipalId: cluster.outputs.kubeletPrincipalId
    pushPrincipalId: pipelinePrincipalId
    subnetId: network.outputs.privateEndpointsSubnetId
    privateZoneId: network.outputs.privateZoneIds[2]
    publicNetworkAccess: registryPublic
    workspaceId: monitoring.outputs.workspaceId
  }
}

module wayIn 'platform/firewall.bicep' = if (firewall) {
  scope: group
  params: {
    location: location
    tags: allTags
    suffix: suffix
    subnetId: network.outputs.firewallSubnetId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module policy 'platform/policy.bicep' = {
  scope: group
  params: {
    location: location
    trustedImages: '^${replace(registry.outputs.loginServer, '.', '\\.')}/.+@sha256:[0-9a-f]{64}$'
    effect: resilient ? 'Deny' : 'Audit'
  }
}

module plans 'platform/defender.bicep' = {
  params: { enabled: defender }
}

@description('Resource group of the platform.')
output resourceGroupName string = group.name

@description('Name of the cluster.')
output clusterName string = cluster.outputs.name

@description('Issuer of the tokens of its service accounts.')
output oidcIssuer string = cluster.outputs.oidcIssuer

@description('Chart value registry.')
output registryServer string = registry.outputs.loginServer

@description('Resource id of the subnet of private endpoints.')
output privateEndpointsSubnetId string = network.outputs.privateEndpointsSubnetId

@description('Resource id of the private DNS zone of stores.')
output storeZoneId string = network.outputs.privateZoneIds[0]

@description('Resource id of the private DNS zone of vaults.')
output vaultZoneId string = network.outputs.privateZoneIds[1]

@description('Principal id of the application-routing add-on.')
output routingPrincipalId string = cluster.outputs.routingPrincipalId

@description('Resource id of the Log Analytics workspace.')
output workspaceId string = monitoring.outputs.workspaceId

@description('Resource id of the action group that alerts notify.')
output actionGroupId string = monitoring.outputs.actionGroupId

@description('Resource id of the store of Prometheus metrics.')
output prometheusId string = monitoring.outputs.prometheusId

@description('Name servers to enter at the parent DNS zone.')
output nameServers string[] = zone.?outputs.nameServers ?? []

@description('Host name of the web application firewall, where there is one.')
output firewallHostName string = wayIn.?outputs.frontendHostName ?? ''
