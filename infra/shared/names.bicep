// How everything is named and tagged. A name that has to be unique in the world ends in a hash of subscription and environment.

@export()
@description('Environments, in the order in which a release passes through them.')
type environmentName = 'dev' | 'test' | 'qa' | 'production'

@export()
@description('Tags of a resource.')
type tagsType = { *: string }

@export()
@description('Name of a resource: its abbreviation in the Cloud Adoption Framework, the product and the environment.')
func named(abbreviation string, environment environmentName) string => '${abbreviation}-drones-${environment}'

@export()
@description('The same for a resource whose name has to be unique in the world, without dashes. The seed is the id of the subscription.')
func unique(abbreviation string, environment environmentName, seed string) string =>
  '${abbreviation}drones${take(environment, 4)}${take(uniqueString(seed, environment), 6)}'

@export()
@description('Namespace of the environment in its cluster; helm/platform makes it.')
func kubernetesNamespace(environment environmentName) string => 'drone-delivery-${environment}'

@export()
@description('Kubernetes service account of a component of helm/drone-delivery, in a release of the name drone-delivery.')
func serviceAccount(component string) string => 'drone-delivery-${component}'

@export()
@description('Tags of every resource of a workload.')
func tagged(environment environmentName, workload string, more tagsType) tagsType => union(more, {
  application: 'drone-delivery'
  environment: environment
  workload: workload
})
