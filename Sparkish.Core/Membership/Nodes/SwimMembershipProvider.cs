using Sparkish.Membership.Protocol;
using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <summary>Membership by SWIM, over the env's own messages: it needs nothing but the env.</summary>
internal sealed class SwimMembershipProvider : IMembershipProvider
{
    public IMembershipSession Join(RpcEnv env, Member self, IReadOnlyList<RpcAddress> seeds, IMembershipObserver observer)
    {
        var options = SwimOptions.From(env.Conf) with { Seeds = seeds };
        if (seeds.All(seed => seed == self.Address) || seeds.Contains(self.Address)) observer.OnJoined();
        var hearing = env.SetupEndpoint(HearingTest.EndpointName, new HearingTest());
        return new Session(env.SetupEndpoint(SwimEndpoint.EndpointName, new SwimEndpoint(options, self, observer, hearing)));
    }

    private sealed class Session(RpcEndpointRef endpoint) : IMembershipSession
    {
        public async Task UpdateAsync(Member self) => await endpoint.AskAsync<bool>(new UpdateMetadata(self.Metadata)).ConfigureAwait(false);

        public async Task LeaveAsync()
        {
            try
            {
                await endpoint.AskAsync<bool>(new LeaveGroup()).ConfigureAwait(false);
            }
            catch (SparkException error) when (error is EndpointNotFoundException or RpcEnvStoppedException)
            {
                // It has already left.
            }
        }

        /// <summary>The endpoint stops with its env, and announces the departure itself.</summary>
        public void OnEnvStopped()
        {
        }
    }
}
