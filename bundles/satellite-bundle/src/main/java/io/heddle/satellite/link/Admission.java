package io.heddle.satellite.link;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.link.LinkMessage;
import io.heddle.core.link.LinkMessage.Hello;
import io.heddle.core.link.MessageReader.Greeting;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.Secret;
import io.heddle.core.spec.SpecVersion;
import java.net.InetAddress;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a controller may command this satellite. A satellite belongs to the cluster, and to the key, that claimed it;
 * of one cluster's controllers it follows the newest. One call at a time.
 */
final class Admission {
    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

    private final LinkServerConfig config;
    private final ClaimStore claims;
    private final ControllerEnd end;
    private final NewestController newest;

    Admission(LinkServerConfig config, ClaimStore claims, NewestController newest, ControllerEnd end) {
        this.config = config;
        this.claims = claims;
        this.newest = newest;
        this.end = end;
    }

    /** The one line in the journal that says how this satellite stands. */
    void announce() {
        Optional<Claim> claim = claims.claim();
        if (claim.isPresent()) {
            LOG.info(
                    "This satellite is node {} of cluster {}",
                    claim.get().node(),
                    claim.get().clusterId());
        } else {
            LOG.info(
                    "This satellite is unclaimed; to claim it: heddle node claim {} --code {}",
                    config.nodeName(),
                    claims.code());
        }
    }

    /** Refuses who speaks another protocol, in one sentence that names both. */
    void checkProtocol(Greeting greeting) {
        if (greeting.protocol() != LinkMessage.PROTOCOL) {
            throw new HeddleException(
                    ErrorCode.VERSION_MISMATCH,
                    "the controller and the satellite of " + config.nodeName() + " do not speak the same version",
                    "the controller (Heddle " + greeting.version() + ") speaks version " + greeting.protocol()
                            + " of the link, the satellite (Heddle " + config.version() + ") version "
                            + LinkMessage.PROTOCOL,
                    "install the same version of Heddle on both");
        }
    }

    /**
     * Lets a controller in, or throws. When it returns, a claim that was made by it is durable, and so is that no older one
     * will be let in.
     *
     * @param key fingerprint of the key it proved to hold; empty over PLAIN
     * @param from address it connects from
     * @return version of the spec that is held
     * @throws HeddleException UNCLAIMED, IDENTITY_MISMATCH, STALE_CONTROLLER, FILE_FAILED
     */
    Optional<SpecVersion> admit(Hello hello, Optional<String> key, InetAddress from) {
        Optional<Claim> claim = claims.claim();
        boolean claimNeeded = claim.isEmpty() || (claim.get().pin().isEmpty() && key.isPresent());
        claim.ifPresent(standing -> checkBelongs(standing, hello, key));
        // Whoever shows the code has root's word for it, as has the controller that root let in before.
        boolean rootsWord = !claimNeeded || claimsWithCode(hello, from);
        Optional<SpecVersion> held = checkNewest(hello, rootsWord);
        if (claimNeeded) {
            claims.claim(new Claim(hello.clusterId(), hello.node(), key));
            LOG.info(
                    "Claimed as node {} by cluster {} from {}; its controller's key is {}",
                    hello.node(),
                    hello.clusterId(),
                    from.getHostAddress(),
                    key.orElse("not known, since the link is PLAIN"));
        }
        newest.letIn(hello.specVersion());
        return held;
    }

    /** Makes the satellite nobody's again. */
    void forgetClaim() {
        claims.forget();
        newest.forget();
        announce();
    }

    private void checkBelongs(Claim claim, Hello hello, Optional<String> key) {
        boolean sameKey =
                claim.pin().isEmpty() || config.encryption() == LinkEncryption.PLAIN || key.equals(claim.pin());
        if (!sameKey) {
            throw mismatch("its controller has the key " + claim.pin().orElse("") + ", not " + key.orElse("")
                    + " of this one");
        }
        if (!claim.clusterId().equals(hello.clusterId())) {
            throw mismatch("it belongs to cluster " + claim.clusterId() + ", not to " + hello.clusterId());
        }
        if (!claim.node().equals(hello.node())) {
            throw mismatch("it is node " + claim.node() + " of this cluster, not " + hello.node());
        }
    }

    private HeddleException mismatch(String why) {
        return new HeddleException(
                ErrorCode.IDENTITY_MISMATCH,
                "the satellite of " + config.nodeName() + " does not obey this controller",
                why,
                "if it is to, remove " + claims.path() + " on " + config.nodeName()
                        + ", restart heddled there and claim it");
    }

    /** Refuses who may not claim; whether it is the code, and not only the address, that allows it. */
    private boolean claimsWithCode(Hello hello, InetAddress from) {
        Optional<Secret> code = hello.code();
        if (code.isPresent()) {
            String before = claims.code();
            if (claims.matches(code.get())) {
                return true;
            }
            LOG.warn("A controller at {} tried to claim this satellite with a wrong code", from.getHostAddress());
            if (!claims.code().equals(before)) {
                announce();
            }
        }
        if (config.claimFrom().stream().anyMatch(network -> network.contains(from))) {
            return false;
        }
        throw new HeddleException(
                ErrorCode.UNCLAIMED,
                "the satellite of " + hello.node() + " has not been claimed",
                code.isPresent()
                        ? "the code given is not the one it printed"
                        : from.getHostAddress() + " is in no network of its claim-from, and no code was given",
                "heddle node claim " + hello.node() + " --code CODE, with the code in its journal and in "
                        + claims.codePath());
    }

    private Optional<SpecVersion> checkNewest(Hello hello, boolean rootsWord) {
        Optional<SpecVersion> held = end.held();
        boolean accepted = accepts(held, hello.specVersion()) && newest.accepts(hello.specVersion());
        if (!accepted && hello.acceptOlder() && rootsWord) {
            LOG.warn(
                    "Forgetting that a newer controller was seen, as asked by the controller of epoch {}",
                    hello.specVersion().epoch());
            end.acceptOlder();
            newest.forget();
            held = end.held();
            accepted = accepts(held, hello.specVersion());
        }
        if (!accepted) {
            throw stale(hello, held).exception();
        }
        return held;
    }

    private static boolean accepts(Optional<SpecVersion> held, SpecVersion offered) {
        return held.isEmpty() || held.get().accepts(offered);
    }

    private Problem stale(Hello hello, Optional<SpecVersion> held) {
        SpecVersion offered = hello.specVersion();
        SpecVersion seen = held.filter(version -> !version.accepts(offered))
                .or(newest::version)
                .orElse(offered);
        String why = seen.epoch() != offered.epoch()
                ? "it has followed a controller of epoch " + seen.epoch() + ", this one is of epoch " + offered.epoch()
                : !seen.instance().equals(offered.instance())
                        ? "it follows another copy of the controller of the same epoch " + seen.epoch()
                        : "it holds revision " + seen.revision() + ", this controller is at " + offered.revision();
        return staleController(hello.node().value(), why);
    }

    static Problem staleController(String node, String why) {
        return new Problem(
                ErrorCode.STALE_CONTROLLER,
                "the satellite of " + node + " does not follow this controller",
                why,
                "stop the older copy of the controller; if this is the right one (restored from a backup):"
                        + " heddle node reconnect " + node + " --accept-older");
    }
}
