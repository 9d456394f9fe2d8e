metadata description = 'What Entra groups may do in one namespace of the cluster, by Azure RBAC for Kubernetes.'

import { roles } from '../shared/roles.bicep'

@description('Name of the cluster.')
param clusterName string

@description('Name of the namespace.')
param namespace string

@description('Object ids of the groups that may look at everything but secrets.')
param viewers string[]

@description('Object ids of the groups that may install the charts.')
param deployers string[]

var assignments = concat(
  map(viewers, group => { group: group, role: roles.aksRbacReader }),
  map(deployers, group => { group: group, role: roles.aksRbacWriter })
)

resource cluster 'Microsoft.ContainerService/managedClusters@2026-03-01' existing = { name: clusterName }

// Kubernetes namespaces are a scope of Azure RBAC, but no resource that Bicep has a type for.
#disable-next-line BCP081
resource scopedNamespace 'Microsoft.ContainerService/managedClusters/namespaces@2026-03-01' existing = {
  parent: cluster
  name: namespace
}

resource rights 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for assignment in assignments: {
    name: guid(scopedNamespace.id, assignment.group, assignment.role)
    scope: scopedNamespace
    properties: {
      principalId: assignment.group
      principalType: 'Group'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', assignment.role)
    }
  }
]
