using Sparkish.Rpc;

namespace Sparkish.Shuffle;

/// <summary>A message to the <see cref="MapOutputTracker"/>.</summary>
internal interface IToMapOutputTracker;

// DagScheduler to MapOutputTracker, within the driver

/// <summary>Sent when the outputs of a shuffle are complete, or complete again.</summary>
internal sealed record RegisterMapOutputs(int ShuffleId, int Epoch, MapStatus?[] Statuses) : IToMapOutputTracker;

// DriverEndpoint to MapOutputTracker, within the driver

/// <summary>Sent when an executor has registered: it may ask from now on.</summary>
internal sealed record AdmitExecutor(RpcAddress Executor) : IToMapOutputTracker;

/// <summary>Sent when an executor is gone.</summary>
internal sealed record ForgetExecutor(RpcAddress Executor) : IToMapOutputTracker;

// Executor to MapOutputTracker

/// <summary>Asked by an executor before its first reduce task of a shuffle, or of a later epoch; answered by <see cref="MapOutputStatuses"/>.</summary>
internal sealed record GetMapOutputStatuses(int ShuffleId) : IToMapOutputTracker;

/// <summary>The locations of a shuffle's outputs, by map partition.</summary>
internal sealed record MapOutputStatuses(int Epoch, MapStatus?[] Statuses);
