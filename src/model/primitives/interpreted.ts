/** Functions outside the files in scope that run from the tree's own C: what they do is all in memory that the model has. */

export const interpretedNames: readonly string[] = [
  // virt/kvm/kvm_main.c: the guest's attributes, and the counters and the range of an invalidation.
  'kvm_range_has_memory_attributes',
  'kvm_supported_mem_attributes',
  'kvm_mmu_invalidate_begin',
  'kvm_mmu_invalidate_end',
  'kvm_mmu_invalidate_range_add',
  'kvm_mmu_unmap_gfn_range',
  // mm/mempolicy.c: which nodes a policy names.
  'get_vma_policy',
  '__get_vma_policy',
  'policy_node_nodemask',
  'policy_nodemask',
  'apply_policy_zone',
  'interleave_nodes',
  'interleave_nid',
  'weighted_interleave_nodes',
  'weighted_interleave_nid',
  'read_once_policy_nodemask',
  'get_il_weight',
  // mm/mmzone.c: the next zone of a list that a mask of nodes allows.
  '__next_zones_zonelist',
  'zref_in_nodemask',
  // mm/truncate.c
  'truncate_inode_pages_final_prepare',
];

/** Files whose functions are interpreted where C that is interpreted calls them: the state of a walk over an xarray. */
export const interpretedFiles: readonly string[] = ['lib/xarray.c'];
