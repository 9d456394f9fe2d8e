metadata description = 'AKS: nodes in three zones, Entra sign-in only, Azure RBAC for Kubernetes, workload identity, Cilium, and the add-ons that the charts rely on.'

import { environmentName, kubernetesNamespace, tagsType } from '../shared/names.bicep'
import { roles } from '../shared/roles.bicep'

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the cluster.')
param name string

@description('Minor version of Kubernetes, such as 1.34; patches come by themselves.')
param kubernetesVersion string

@description('Nodes of the system, and of the application.')
param nodes nodesType

@description('Availability zones of the nodes.')
param zones string[]

@description('Whether the control plane has an uptime agreement.')
param uptimeAgreement bool

@description('Whether the API server has a private address only. Otherwise it is public, to the next parameter\'s ranges.')
param privateCluster bool

@description('Ranges from which a public API server may be called. Empty with a public API server: from everywhere.')
param authorizedIpRanges string[]

@description('Range of the pods in the overlay.')
param podRange string

@description('Range of Kubernetes services.')
param serviceRange string

@description('Name of the virtual network, with the subnets nodes and api-server.')
param networkName string

@description('Entra groups and what they may do.')
param groups groupsType

@description('Environments that share the cluster; each has a namespace.')
param environments environmentName[]

@description('Hosts a DNS zone for the application. Empty: there is none.')
param dnsZoneId string

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Resource id of the Azure Monitor workspace for Prometheus metrics.')
param prometheusId string

@export()
@description('Nodes of the cluster.')
type nodesType = {
  @description('Size of the machines of the system.')
  systemSize: string
  @description('Least and greatest number of machines of the system.')
  systemCount: countType
  @description('Size of the machines of the application.')
  userSize: string
  @description('Least and greatest number of machines of the application.')
  userCount: countType
}

@export()
@description('Least and greatest number.')
type countType = {
  @minValue(1)
  min: int
  @minValue(1)
  max: int
}

@export()
@description('Object ids of Entra groups. Nobody else may do anything.')
type groupsType = {
  @description('Administer the cluster: everything inside it. Best assigned for a time by Privileged Identity Management.')
  clusterAdmins: string[]
  @description('Create, change and delete the cluster as an Azure resource, without rights inside it.')
  platformEngineers: string[]
  @description('Look at everything but secrets in the namespaces.')
  viewers: string[]
  @description('Restart, scale and debug in the namespaces; helm/platform binds what Azure RBAC has no role for.')
  operators: string[]
  @description('Install the charts into the namespaces.')
  deployers: string[]
}

resource controlPlane 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${name}'
  location: location
  tags: tags
}

resource kubelet 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${name}-nodes'
  location: location
  tags: tags
}

// What the cluster itself may: use its subnets, and give the nodes their identity. Nothing on the subscription.
resource network 'Microsoft.Network/virtualNetworks@2024-05-01' existing = {
  name: networkName

  resource nodesSubnet 'subnets' existing = { name: 'nodes' }
  resource apiServerSubnet 'subnets' existing = { name: 'api-server' }
}

resource usesNodesSubnet 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(network::nodesSubnet.id, controlPlane.id, roles.networkContributor)
  scope: network::nodesSubnet
  properties: {
    principalId: controlPlane.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.networkContributor)
  }
}

resource usesApiServerSubnet 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(network::apiServerSubnet.id, controlPlane.id, roles.networkContributor)
  scope: network::apiServerSubnet
  properties: {
    principalId: controlPlane.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.networkContributor)
  }
}

resource givesNodesTheirIdentity 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(kubelet.id, controlPlane.id, roles.managedIdentityOperator)
  scope: kubelet
  properties: {
    principalId: controlPlane.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.managedIdentityOperator)
  }
}

resource cluster 'Microsoft.ContainerService/managedClusters@2026-03-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Base', tier: uptimeAgreement ? 'Standard' : 'Free' }
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${controlPlane.id}': {} } }
  properties: {
    kubernetesVersion: kubernetesVersion
    dnsPrefix: name
    nodeResourceGroup: 'rg-${name}-nodes'
    nodeResourceGroupProfile: { restrictionLevel: 'ReadOnly' }
    disableLocalAccounts: true
    enableRBAC: true
    aadProfile: { managed: true, enableAzureRBAC: true, tenantID: tenant().tenantId, adminGroupObjectIDs: [] }
    identityProfile: {
      kubeletidentity: { resourceId: kubelet.id, clientId: kubelet.properties.clientId, objectId: kubelet.properties.principalId }
    }
    apiServerAccessProfile: {
      enablePrivateCluster: privateCluster
      enablePrivateClusterPublicFQDN: false
      privateDNSZone: privateCluster ? 'system' : null
      enableVnetIntegration: true
      subnetId: network::apiServerSubnet.id
      authorizedIPRanges: privateCluster ? null : authorizedIpRanges
      disableRunCommand: true
    }
    agentPoolProfiles: [
      {
        name: 'system'
        mode: 'System'
        vmSize: nodes.systemSize
        count: nodes.systemCount.min
        minCount: nodes.systemCount.min
        maxCount: nodes.systemCount.max
        enableAutoScaling: true
        availabilityZones: zones
        osType: 'Linux'
        osSKU: 'AzureLinux'
        type: 'VirtualMachineScaleSets'
        vnetSubnetID: network::nodesSubnet.id
        nodeTaints: ['CriticalAddonsOnly=true:NoSchedule']
        upgradeSettings: { maxSurge: '33%' }
        securityProfile: { enableSecureBoot: true, enableVTPM: true, sshAccess: 'Disabled' }
      }
      {
        name: 'drones'
        mode: 'User'
        vmSize: nodes.userSize
        count: nodes.userCount.min
        minCount: nodes.userCount.min
        maxCount: nodes.userCount.max
        enableAutoScaling: true
        availabilityZones: zones
        osType: 'Linux'
        osSKU: 'AzureLinux'
        type: 'VirtualMachineScaleSets'
        vnetSubnetID: network::nodesSubnet.id
        // A silo takes up to a minute to stop, and the disruption budget lets one go at a time.
        upgradeSettings: { maxSurge: '33%', drainTimeoutInMinutes: 30 }
        securityProfile: { enableSecureBoot: true, enableVTPM: true, sshAccess: 'Disabled' }
      }
    ]
    networkProfile: {
      networkPlugin: 'azure'
      networkPluginMode: 'overlay'
      networkDataplane: 'cilium'
      networkPolicy: 'cilium'
      podCidr: podRange
      serviceCidr: serviceRange
      dnsServiceIP: cidrHost(serviceRange, 9)
      loadBalancerSku: 'standard'
      outboundType: 'userAssignedNATGateway'
      advancedNetworking: {
        enabled: true
        observability: { enabled: true }
        security: { enabled: true, advancedNetworkPolicies: 'FQDN' }
      }
    }
    oidcIssuerProfile: { enabled: true }
    securityProfile: {
      workloadIdentity: { enabled: true }
      imageCleaner: { enabled: true, intervalHours: 48 }
      defender: { logAnalyticsWorkspaceResourceId: workspaceId, securityMonitoring: { enabled: true } }
    }
    ingressProfile: {
      gatewayAPI: { installation: 'Standard' }
      webAppRouting: {
        enabled: true
        dnsZoneResourceIds: empty(dnsZoneId) ? [] : [dnsZoneId]
        nginx: { defaultIngressControllerType: 'None' }
        gatewayAPIImplementations: { appRoutingIstio: { mode: 'Enabled' } }
      }
    }
    addonProfiles: {
      azurepolicy: { enabled: true }
      azureKeyvaultSecretsProvider: { enabled: true, config: { enableSecretRotation: 'true', rotationPollInterval: '2m' } }
      omsagent: { enabled: true, config: { logAnalyticsWorkspaceResourceID: workspaceId, useAADAuth: 'true' } }
    }
    azureMonitorProfile: { metrics: { enabled: true } }
    workloadAutoScalerProfile: { keda: { enabled: true } }
    autoUpgradeProfile: { upgradeChannel: 'patch', nodeOSUpgradeChannel: 'NodeImage' }
    supportPlan: 'KubernetesOfficial'
  }
  dependsOn: [usesNodesSubnet, usesApiServerSubnet, givesNodesTheirIdentity]

  // Machines and control plane change in these hours only, never both in one night.
  resource upgrades 'maintenanceConfigurations' = {
    name: 'aksManagedAutoUpgradeSchedule'
    properties: {
      maintenanceWindow: {
        schedule: { weekly: { dayOfWeek: 'Tuesday', intervalWeeks: 1 } }
        startTime: '02:00'
        utcOffset: '+00:00'
        durationHours: 4
      }
    }
  }

  resource nodeUpgrades 'maintenanceConfigurations' = {
    name: 'aksManagedNodeOSUpgradeSchedule'
    properties: {
      maintenanceWindow: {
        schedule: { weekly: { dayOfWeek: 'Wednesday', intervalWeeks: 1 } }
        startTime: '02:00'
        utcOffset: '+00:00'
        durationHours: 4
      }
    }
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'monitor'
  scope: cluster
  properties: {
    workspaceId: workspaceId
    // Not kube-audit: every read of every controller; the admin variant has the changes.
    logs: [
      { category: 'kube-audit-admin', enabled: true }
      { category: 'guard', enabled: true }
      { category: 'kube-apiserver', enabled: true }
      { category: 'kube-controller-manager', enabled: true }
      { category: 'kube-scheduler', enabled: true }
      { category: 'cluster-autoscaler', enabled: true }
    ]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource scraping 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: 'dcr-${name}-prometheus'
  location: location
  tags: tags
  kind: 'Linux'
  properties: {
    dataSources: { prometheusForwarder: [{ name: 'prometheus', streams: ['Microsoft-PrometheusMetrics'], labelIncludeFilter: {} }] }
    destinations: { monitoringAccounts: [{ name: 'prometheus', accountResourceId: prometheusId }] }
    dataFlows: [{ streams: ['Microsoft-PrometheusMetrics'], destinations: ['prometheus'] }]
  }
}

resource scrapesCluster 'Microsoft.Insights/dataCollectionRuleAssociations@2023-03-11' = {
  name: 'prometheus'
  scope: cluster
  properties: { dataCollectionRuleId: scraping.id }
}

// Who may what. The first two are about the resource, the others about what is inside.
var assignments = concat(
  map(groups.clusterAdmins, group => { group: group, role: roles.aksRbacClusterAdmin }),
  map(groups.platformEngineers, group => { group: group, role: roles.aksContributor }),
  map(
    union(groups.clusterAdmins, groups.viewers, groups.operators, groups.deployers),
    group => { group: group, role: roles.aksClusterUser }
  )
)

resource clusterRights 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for assignment in assignments: {
    name: guid(cluster.id, assignment.group, assignment.role)
    scope: cluster
    properties: {
      principalId: assignment.group
      principalType: 'Group'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', assignment.role)
    }
  }
]

module namespaceRights 'namespace-rights.bicep' = [
  for environment in environments: {
    name: 'rights-${environment}'
    params: {
      clusterName: cluster.name
      namespace: kubernetesNamespace(environment)
      viewers: union(groups.viewers, groups.operators)
      deployers: groups.deployers
    }
  }
]

@description('Name of the cluster.')
output name string = cluster.name

@description('Issuer of the tokens of its service accounts, for federated credentials.')
output oidcIssuer string = cluster.properties.oidcIssuerProfile.issuerURL

@description('Principal id of the identity with which nodes pull images.')
output kubeletPrincipalId string = kubelet.properties.principalId

@description('Principal id of the identity of the application-routing add-on, which keeps DNS records and fetches certificates.')
output routingPrincipalId string = cluster.properties.ingressProfile.webAppRouting.identity.objectId
